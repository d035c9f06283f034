{# Every value has the form (a regular expression over the whole value). #}
{% test matches_form(model, column_name, form) %}
    select {{ column_name }}
    from {{ model }}
    where {{ column_name }} is not null and not {{ matches(column_name, form) }}
{% endtest %}

{# Limits included; a limit that is left out is none. #}
{% test in_range(model, column_name, least=none, most=none) %}
    select {{ column_name }} from {{ model }}
    where {% if least is not none %}{{ column_name }} < {{ least }}{% endif %}
        {% if least is not none and most is not none %} or {% endif %}
        {% if most is not none %}{{ column_name }} > {{ most }}{% endif %}
{% endtest %}

{# A version of a key begins when the one before has ended. #}
{% test no_overlap(model, key) %}
    select {{ key }}, valid_from, valid_to
    from (
        select {{ key }}, valid_from, valid_to, lead(valid_from) over (partition by {{ key }} order by valid_from) as next_from
        from {{ model }}
    ) as versions
    where next_from < coalesce(valid_to, cast('9999-12-31' as timestamp))
{% endtest %}

{# One row for each combination of these columns. #}
{% test unique_together(model, columns) %}
    select {{ columns | join(', ') }}, count(*) as copies
    from {{ model }}
    group by {{ columns | join(', ') }}
    having count(*) > 1
{% endtest %}

{# Rows whose member is not known: the dimension is late, or the code is wrong. #}
{% test known_member(model, column_name) %}
    select * from {{ model }} where {{ column_name }} = {{ unknown_key() }}
{% endtest %}
