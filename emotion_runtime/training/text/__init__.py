"""Owns text models: corpora, the fine-tuned encoder, hashed n-grams, the recipe of the bundled model."""
