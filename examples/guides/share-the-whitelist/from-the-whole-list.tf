# The list stays as it is. Only the resource that manages it changes.
removed {
  from = everflow_api_whitelist.this

  lifecycle {
    destroy = false
  }
}

import {
  for_each = toset(["203.0.113.10", "198.51.100.0/24"])
  to       = everflow_api_whitelist_entry.ours[each.key]
  id       = each.key
}

resource "everflow_api_whitelist_entry" "ours" {
  for_each = toset(["203.0.113.10", "198.51.100.0/24"])

  ip_address = each.key
}
