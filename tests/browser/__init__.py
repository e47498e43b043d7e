"""What the browser tests find in their server's database beside the demo."""
