data "everflow_api_whitelist" "current" {}

output "current_whitelist" {
  value = data.everflow_api_whitelist.current.ip_addresses
}
