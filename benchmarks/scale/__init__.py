"""What the scheduler does with more workers and checks than one machine holds, in virtual time."""
