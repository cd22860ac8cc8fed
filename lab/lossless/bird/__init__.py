"""The same with BIRD 2 on every node, configured by hand as Calico's templates do it: for comparison."""
