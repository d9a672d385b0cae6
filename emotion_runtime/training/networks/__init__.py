"""Owns the paper's two networks as torch modules: the multimodal sequence network and RoBERTa-MEN."""
