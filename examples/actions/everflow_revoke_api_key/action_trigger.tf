# The apply that creates this resource revokes the key, once.
resource "terraform_data" "incident" {
  input = "2026-11: key 3 was found in a public repository"

  lifecycle {
    action_trigger {
      events  = [after_create]
      actions = [action.everflow_revoke_api_key.published]
    }
  }
}

action "everflow_revoke_api_key" "published" {
  config {
    api_key_id = "3"
  }
}
