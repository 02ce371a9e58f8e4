"""Workers on a cluster of Dask, which decides where each of them runs."""
