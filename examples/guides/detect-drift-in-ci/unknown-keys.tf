data "everflow_employee" "platform" {
  email = "pat.platform@example.com"
}

resource "everflow_api_key" "nightly_report" {
  name                = "Nightly report"
  network_employee_id = data.everflow_employee.platform.network_employee_id
  permissions         = ["Reporting"]

  lifecycle {
    create_before_destroy = true
  }
}

data "everflow_api_keys" "active" {
  status = "active"
}

locals {
  # By name and employee, not by ID: while a new key is planned, its ID is unknown, and a
  # check that uses an unknown value reports nothing.
  managed_keys = [
    for key in [everflow_api_key.nightly_report] : "${key.name}, employee ${key.network_employee_id}"
  ]
  other_keys = [
    "1", "2", "3", # legacy keys, not imported yet
    "4",           # the key that Terraform itself uses
  ]
  active_keys = [
    for key in data.everflow_api_keys.active.api_keys : merge(key, { label = "${key.name}, employee ${key.network_employee_id}" })
    if !contains(local.other_keys, key.id)
  ]
  unknown_keys = [for key in local.active_keys : "${key.id} (${key.label})" if !contains(local.managed_keys, key.label)]
  namesakes    = [for key in local.active_keys : key.label if contains(local.managed_keys, key.label)]
}

# Names each key that is in no state, such as one that somebody created by hand.
check "no_unknown_keys" {
  assert {
    condition     = length(local.unknown_keys) == 0
    error_message = "Active API keys that Terraform does not manage: ${join("; ", local.unknown_keys)}."
  }

  # Remove this for an everflow_rotating_api_key: its previous keys have the same name.
  assert {
    condition     = length(distinct(local.namesakes)) == length(local.namesakes)
    error_message = "Two active API keys have the name and employee of a key that Terraform manages: ${join("; ", local.namesakes)}."
  }
}
