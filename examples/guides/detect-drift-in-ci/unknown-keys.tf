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
  # By name and employee: while Terraform plans a key anew, its ID is not known, and
  # a check that asks for it says nothing at all.
  managed_keys = [
    for key in [everflow_api_key.nightly_report] : "${key.name}, employee ${key.network_employee_id}"
  ]
  other_keys = [
    "1", "2", "3", # legacy keys, still to be adopted
    "4",           # the key that Terraform itself uses
  ]
  active_keys = [
    for key in data.everflow_api_keys.active.api_keys : merge(key, { label = "${key.name}, employee ${key.network_employee_id}" })
    if !contains(local.other_keys, key.id)
  ]
  unknown_keys = [for key in local.active_keys : "${key.id} (${key.label})" if !contains(local.managed_keys, key.label)]
  namesakes    = [for key in local.active_keys : key.label if contains(local.managed_keys, key.label)]
}

# A key that somebody has made by hand is in no state. This names it.
check "no_unknown_keys" {
  assert {
    condition     = length(local.unknown_keys) == 0
    error_message = "Active API keys that nobody has written down: ${join("; ", local.unknown_keys)}."
  }

  # Leave this out for an everflow_rotating_api_key, whose previous keys have the same name.
  assert {
    condition     = length(distinct(local.namesakes)) == length(local.namesakes)
    error_message = "Two active API keys have the name and employee of a key that is written down: ${join("; ", local.namesakes)}."
  }
}
