"""The tools that need no command in the configuration, in folders by what they judge."""
