"""What the reports of several runs show together: kept ones and their history, and the shards of one run."""
