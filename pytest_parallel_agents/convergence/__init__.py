"""Pure: findings, frames and hot spots of all checks, joined per function and ranked."""
