"""Routes in memory: paths, decision process, Loc-RIB, reflection, policy, update groups."""
