-- Deleting a person or an org looks for the rows that refer to it; these had no index to be found by.
create index api_tokens_created_by on registry.api_tokens (created_by);
create index signin_links_org_id on registry.signin_links (org_id);
-- The one over active members alone serves no deletion; this one serves both.
create index org_members_user on registry.org_members (user_id);
drop index registry.org_members_user_id;
