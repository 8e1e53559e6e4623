data "everflow_employee" "platform" {
  email = "pat.platform@example.com"
}

resource "everflow_api_key" "nightly_report" {
  name                = "Nightly report"
  network_employee_id = data.everflow_employee.platform.network_employee_id
  permissions         = ["Reporting"]
}

data "everflow_api_keys" "active" {
  status = "active"
}

locals {
  known_keys = [
    everflow_api_key.nightly_report.id,
    "1", "2", "3", # legacy keys, still to be adopted
    "4",           # the key that Terraform itself uses
  ]
  unknown_keys = [
    for key in data.everflow_api_keys.active.api_keys : "${key.id} (${key.name})" if !contains(local.known_keys, key.id)
  ]
}

# A key that somebody has made by hand is in no state. This names it.
check "no_unknown_keys" {
  assert {
    condition     = length(local.unknown_keys) == 0
    error_message = "Active API keys that nobody has written down: ${join(", ", local.unknown_keys)}."
  }
}
