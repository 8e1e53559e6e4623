locals {
  # The ranges that a vendor publishes, often hundreds.
  vendor = ["198.51.100.0/25", "198.51.100.128/25", "198.51.100.7", "2001:db8:40::/49", "2001:db8:40:8000::/49"]
}

# Three entries admit the same addresses as these six.
resource "everflow_api_whitelist" "this" {
  ip_addresses = provider::everflow::aggregate(concat(["203.0.113.10"], local.vendor))
}
