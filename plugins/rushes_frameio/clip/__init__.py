"""What is to be known of a clip: when it was made, its name, its type, the pauses."""
