insert into ops.projects (id, org_id, name, slug, repo_url, next_build_number)
select (org || '0000000-1111-4000-8000-000000000000')::uuid, (org || '0000000-0000-4000-8000-000000000000')::uuid, 'Shop', 'shop',
       'https://github.com/sample-' || org || '/shop.git', 1
from (values ('a'), ('b')) o(org);

insert into ops.branches (id, org_id, project_id, name, stage, is_production, git_ref, head_sha, head_pushed_at)
select (org || n || '000000-2222-4000-8000-000000000000')::uuid, (org || '0000000-0000-4000-8000-000000000000')::uuid,
       (org || '0000000-1111-4000-8000-000000000000')::uuid, name, stage, stage = 'production', 'refs/heads/' || name, repeat(n, 40), now()
from (values ('a'), ('b')) o(org), (values ('1', 'main', 'production'), ('2', 'staging', 'staging'), ('3', 'feature/x', 'development')) b(n, name, stage);

insert into ops.environments (org_id, project_id, name, kind, url)
select (org || '0000000-0000-4000-8000-000000000000')::uuid, (org || '0000000-1111-4000-8000-000000000000')::uuid,
       'production', 'production', 'https://shop.example'
from (values ('a'), ('b')) o(org);

insert into ops.project_secrets (org_id, project_id, name, sealed, updated_by)
select (org || '0000000-0000-4000-8000-000000000000')::uuid, (org || '0000000-1111-4000-8000-000000000000')::uuid,
       'DEPLOY_KEY', '\x03', (org || '1000000-0000-4000-8000-000000000000')::uuid
from (values ('a'), ('b')) o(org);
