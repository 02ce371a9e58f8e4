"""What a till prints."""
