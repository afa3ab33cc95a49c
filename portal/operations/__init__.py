"""For those who run the portal: is it ready, what does it do, and what went wrong."""
