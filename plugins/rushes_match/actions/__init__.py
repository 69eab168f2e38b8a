"""What a person may ask of `match`: each verb in a module, imported when it is asked for."""
