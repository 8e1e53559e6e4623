data "everflow_api_keys" "active" {
  status = "active"
}

locals {
  # A key without a creation date counts as old.
  old_keys = [
    for key in data.everflow_api_keys.active.api_keys : "${key.id} (${key.name})"
    if timecmp(coalesce(key.created_at, "1970-01-01T00:00:00Z"), timeadd(plantimestamp(), "-2160h")) < 0
  ]
}

# 90 days are 2160 hours.
check "no_key_is_older_than_90_days" {
  assert {
    condition     = length(local.old_keys) == 0
    error_message = "Active API keys that are older than 90 days: ${join(", ", local.old_keys)}."
  }
}
