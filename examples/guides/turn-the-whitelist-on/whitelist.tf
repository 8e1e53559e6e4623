locals {
  admitted = {
    ci     = "203.0.113.10" # Terraform runs here: it must stay in the list
    office = "198.51.100.0/24"
    report = "192.0.2.44" # the nightly report
  }
}

resource "everflow_api_whitelist" "this" {
  ip_addresses = values(local.admitted)
}

# Callers that the list must always admit.
check "callers_are_admitted" {
  assert {
    condition = alltrue([
      for caller in ["203.0.113.10", "198.51.100.7", "192.0.2.44"] :
      provider::everflow::ip_allowed(everflow_api_whitelist.this.ip_addresses, caller)
    ])
    error_message = "The API whitelist does not admit one of the callers."
  }
}
