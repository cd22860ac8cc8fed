#!/bin/sh
# Boots systemd in the tree ROOT, in namespaces of its own: boot.sh ROOT GROUP. GROUP is a cgroup for it alone.
set -eu
root=$1

if [ "${2:-}" ]; then
    echo $$ >"$2/cgroup.procs"
    exec unshare --mount --pid --fork --kill-child --cgroup --net --uts --ipc "$0" "$root"
fi

mount --make-rprivate /
mount -t tmpfs -o mode=755 tmpfs "$root/dev"
for device in null zero full random urandom tty; do
    mknod -m 666 "$root/dev/$device" c "$(stat -c %Hr /dev/$device)" "$(stat -c %Lr /dev/$device)"
done
mkdir "$root/dev/pts" "$root/dev/shm"
mount -t devpts -o newinstance,ptmxmode=0666 devpts "$root/dev/pts"
mount -t tmpfs -o mode=755 tmpfs "$root/run"
mount -t proc proc "$root/proc"
mount -t sysfs sysfs "$root/sys"
mount -t cgroup2 cgroup2 "$root/sys/fs/cgroup"
ip link set lo up
exec chroot "$root" /usr/bin/env -i container=machine PATH=/usr/sbin:/usr/bin:/sbin:/bin \
    /lib/systemd/systemd --system --unit=basic.target
