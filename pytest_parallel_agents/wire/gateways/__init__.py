"""execnet's gateways between the controller and its workers. Only these modules touch execnet's inside.

execnet offers no gateway to a process that already exists; a forked worker is reached by giving execnet a socket of
ours. Its classes for that are private and will change in execnet 3, hence the pin `execnet<3`.
"""
