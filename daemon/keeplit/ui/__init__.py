"""What a person meets: commands and the tray."""
