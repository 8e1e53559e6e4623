data "everflow_api_whitelist" "current" {}

output "api_is_open_to_every_address" {
  value = length(data.everflow_api_whitelist.current.ip_addresses) == 0
}

output "admitted" {
  value = data.everflow_api_whitelist.current.ip_addresses
}
