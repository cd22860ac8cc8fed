import select

import pytest

from bgpd.datastore.inotify import Inotify


@pytest.fixture
def watched(tmp_path):
    inotify = Inotify(tmp_path)
    yield inotify
    inotify.close()


def noticed(inotify):
    """Whether something happened since the last time; what happened is in the queue when the call returns."""
    ready, _, _ = select.select([inotify], [], [], 0)
    inotify.drain()
    return bool(ready)


def test_tells_of_every_kind_of_change(watched, tmp_path):
    file = tmp_path / "file"
    for change in (
        lambda: file.write_text("new"),
        lambda: file.write_text("other"),
        lambda: file.chmod(0o600),
        lambda: file.rename(tmp_path / "renamed"),
        lambda: (tmp_path / "link").symlink_to("renamed"),
        (tmp_path / "renamed").unlink,
    ):
        assert not noticed(watched)
        change()
        assert noticed(watched)


def test_tells_of_changes_below(tmp_path):
    deep = tmp_path / "a" / "b"
    deep.mkdir(parents=True)
    inotify = Inotify(tmp_path)
    (deep / "file").write_text("new")
    assert noticed(inotify)
    inotify.close()


def test_directories_made_later_are_watched_too(watched, tmp_path):
    deep = tmp_path / "a" / "b"
    deep.mkdir(parents=True)
    assert noticed(watched)
    (deep / "file").write_text("new")
    assert noticed(watched)


def test_reading_is_no_change(watched, tmp_path):
    list(tmp_path.iterdir())
    assert not noticed(watched)


def test_a_directory_that_is_not_there_is_an_error(tmp_path):
    with pytest.raises(FileNotFoundError):
        Inotify(tmp_path / "missing")


def test_an_overflowing_queue_loses_no_directory(watched, tmp_path):
    """More events than the kernel keeps: it says so, and everything is looked at again."""
    files = [tmp_path / f"file-{number}" for number in range(2)]
    for _ in range(10_000):
        for file in files:
            file.write_text("")
    (tmp_path / "directory").mkdir()
    assert noticed(watched)
    (tmp_path / "directory" / "file").write_text("new")
    assert noticed(watched)
