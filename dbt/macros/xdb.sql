{# What DuckDB and Snowflake write in different ways. Keys are equal on both: MD5 of UTF-8, in lower-case hexadecimal. #}

{% macro surrogate_key(columns) -%}
    md5(
        {%- for column in columns -%}
            coalesce(cast({{ column }} as varchar), '_odh_null_')
            {%- if not loop.last %} || '|' || {% endif -%}
        {%- endfor -%}
    )
{%- endmacro %}

{# The key of the member that stands for "not known" in every dimension. #}
{% macro unknown_key() -%} md5('_odh_unknown_') {%- endmacro %}

{# A key that the dimension has, or the unknown member's. #}
{% macro known_or_unknown(key) -%} coalesce({{ key }}, {{ unknown_key() }}) {%- endmacro %}

{% macro days_between(first_day, last_day) -%}
    {{ return(adapter.dispatch('days_between', 'opendatahub')(first_day, last_day)) }}
{%- endmacro %}

{# One row a day, both ends included; the column is `day`. #}
{% macro duckdb__days_between(first_day, last_day) -%}
    select cast(unnest(generate_series(cast({{ first_day }} as date), cast({{ last_day }} as date), interval 1 day)) as date) as day
{%- endmacro %}

{% macro snowflake__days_between(first_day, last_day) -%}
    select dateadd(day, seq, cast({{ first_day }} as date)) as day
    from (select row_number() over (order by null) - 1 as seq from table(generator(rowcount => 100000)))
    where dateadd(day, seq, cast({{ first_day }} as date)) <= cast({{ last_day }} as date)
{%- endmacro %}

{% macro matches(column, form) -%}
    {{ return(adapter.dispatch('matches', 'opendatahub')(column, form)) }}
{%- endmacro %}
{% macro duckdb__matches(column, form) -%} regexp_full_match({{ column }}, '{{ form }}') {%- endmacro %}
{% macro snowflake__matches(column, form) -%} regexp_like({{ column }}, '{{ form | replace("\\", "\\\\") }}') {%- endmacro %}

{# `is_incremental` looks the relation up; without a warehouse (compiling for Snowflake) a variable answers. #}
{% macro is_incremental() -%}
    {%- if var('odh_offline', none) is not none -%} {{ return(var('odh_offline') == 'incremental') }}
    {%- else -%} {{ return(dbt.is_incremental()) }}
    {%- endif -%}
{%- endmacro %}

{# ISO 8601: Monday is 1. #}
{% macro iso_weekday(day) -%} {{ return(adapter.dispatch('iso_weekday', 'opendatahub')(day)) }} {%- endmacro %}
{% macro duckdb__iso_weekday(day) -%} extract(isodow from {{ day }}) {%- endmacro %}
{% macro snowflake__iso_weekday(day) -%} dayofweekiso({{ day }}) {%- endmacro %}

{# A column whose name must be quoted; bare names are folded to lower case by one engine and to upper case by the other. #}
{% macro named(name) -%} {{ return(adapter.dispatch('named', 'opendatahub')(name)) }} {%- endmacro %}
{% macro duckdb__named(name) -%} {{ return(adapter.quote(name)) }} {%- endmacro %}
{% macro snowflake__named(name) -%} {{ return(adapter.quote(name | upper)) }} {%- endmacro %}
