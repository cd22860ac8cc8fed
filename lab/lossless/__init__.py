"""The proof that forwarding survives the control plane: numbered packets flow while everything changes."""
