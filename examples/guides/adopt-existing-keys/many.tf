locals {
  # A copy of the output legacy_keys. The keys of the map are Everflow's IDs.
  legacy_keys = {
    "1" = {
      name                = "Legacy API Key (Pat Platform)"
      network_employee_id = 2
      permissions         = null
      all_permissions     = true
    }
    "2" = {
      name                = "Legacy API Key (Mia Manager)"
      network_employee_id = 3
      permissions         = ["Affiliates", "Offers"]
      all_permissions     = false
    }
  }
}

import {
  for_each = local.legacy_keys
  to       = everflow_api_key.legacy[each.key]
  id       = each.key
}

resource "everflow_api_key" "legacy" {
  for_each = local.legacy_keys

  name                = each.value.name
  network_employee_id = each.value.network_employee_id
  permissions         = each.value.permissions
  all_permissions     = each.value.all_permissions

  lifecycle {
    create_before_destroy = true
  }
}
