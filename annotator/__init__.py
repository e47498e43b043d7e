"""Everything with a database row or a URL: accounts, datasets, images, faces, work, learning, releases."""
