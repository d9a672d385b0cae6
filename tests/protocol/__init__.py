"""Tests of the wire: codec, columns, schema, vectors and the page that describes them."""
