data "everflow_api_whitelist" "current" {}

# Each plan warns while the office cannot call the API.
check "office_is_admitted" {
  assert {
    condition     = provider::everflow::ip_allowed(data.everflow_api_whitelist.current.ip_addresses, "198.51.100.7")
    error_message = "The API whitelist does not let the office (198.51.100.7) in."
  }
}
