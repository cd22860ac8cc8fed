"""bgpctl: resources like calicoctl, live state through the daemon's API, answers from the datastore alone."""
