{# What every test of a build or test run said, in `quality.test_results`: one row a test and run. Failing rows, at most 100 a test, are in the
   table that `failing_rows` names, until the next run. #}
{% macro keep_results(results) -%}
    {%- if execute and flags.WHICH in ['build', 'test'] -%}
        {%- set kept = api.Relation.create(database=target.database, schema='quality', identifier='test_results') -%}
        {%- set rows = [] -%}
        {%- for result in results if result.node.resource_type in ['test', 'unit_test'] -%}
            {%- set failures = result.failures or 0 -%}
            {%- set node = result.node -%}
            {%- set of = node.attached_node or (node.depends_on.nodes | first) or '' -%}
            {%- do rows.append("('" ~ invocation_id ~ "', cast('" ~ run_started_at.strftime('%Y-%m-%d %H:%M:%S') ~ "' as timestamp), '"
                ~ node.name ~ "', '" ~ of.split('.')[-1] ~ "', '" ~ node.resource_type ~ "', '" ~ (node.config.severity or 'ERROR') | lower ~ "', '" ~ result.status ~ "', "
                ~ failures ~ ", " ~ ("'" ~ node.relation_name | replace('"', '') ~ "'" if failures > 0 and node.relation_name else 'null') ~ ")") -%}
        {%- endfor -%}
        {%- if rows | length > 0 -%}
            {%- do adapter.create_schema(kept) -%}
            {%- do run_query("create table if not exists " ~ kept ~ " (invocation_id varchar, tested_at timestamp, test varchar, model varchar, kind varchar, severity varchar, status varchar, failures bigint, failing_rows varchar)") -%}
            {%- do run_query("insert into " ~ kept ~ " values " ~ rows | join(', ')) -%}
        {%- endif -%}
    {%- endif -%}
{%- endmacro %}
