"""Owns `python -m emotion_runtime`: the same as the `emotion-runtime` command."""

from emotion_runtime.cli import main

if __name__ == "__main__":
    main()
