"""Workers on other machines, over any connection that execnet can make to one."""
