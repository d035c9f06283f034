{# Every value has the form (a regular expression over the whole value). #}
{% test matches_form(model, column_name, form) %}
    select {{ column_name }}
    from {{ model }}
    where {{ column_name }} is not null and not {{ matches(column_name, form) }}
{% endtest %}

{# Both limits included. #}
{% test in_range(model, column_name, least, most) %}
    select {{ column_name }} from {{ model }} where {{ column_name }} < {{ least }} or {{ column_name }} > {{ most }}
{% endtest %}

{# One row for each combination of these columns. #}
{% test unique_together(model, columns) %}
    select {{ columns | join(', ') }}, count(*) as copies
    from {{ model }}
    group by {{ columns | join(', ') }}
    having count(*) > 1
{% endtest %}
