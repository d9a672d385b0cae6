"""Owns the first lines that a bundle's executable runs: the `emotion-runtime` command."""

from emotion_runtime.cli import main

if __name__ == "__main__":
    main()
