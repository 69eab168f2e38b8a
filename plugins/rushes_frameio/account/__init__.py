"""Who this device is at Frame.io: tokens, identity, the project that it is connected to."""
