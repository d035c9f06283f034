-- What the macros of `xdb` give, on whatever engine runs this: the keys were made with Python's hashlib.
with answers as (
    select 'surrogate_key' as macro, {{ surrogate_key(["'a'", "cast(null as varchar)", "12"]) }} as answer, '565591f761f8adab5aea562964bc46a0' as expected
    union all
    select 'unknown_key', {{ unknown_key() }}, 'b8e476e34cc38abefce167054332346f'
    union all
    select 'known_or_unknown', {{ known_or_unknown("cast(null as varchar)") }}, {{ unknown_key() }}
    union all
    select 'surrogate_key of an accent', {{ surrogate_key(["'é'"]) }}, '66ddcd97cfdeabb2f6fb8a999b4bc76f'
    union all
    select 'matches', case when {{ matches("'2A004'", '([0-9]{2}|2[AB])[0-9]{3}') }} then 'yes' else 'no' end, 'yes'
    union all
    select 'matches: the whole value', case when {{ matches("'2A0045'", '([0-9]{2}|2[AB])[0-9]{3}') }} then 'yes' else 'no' end, 'no'
    union all
    select 'iso_weekday', cast({{ iso_weekday("cast('2024-02-25' as date)") }} as varchar), '7'
    union all
    select 'days_between', cast(count(*) as varchar) || ' ' || cast(max(day) as varchar), '3 2024-03-01'
    from ({{ days_between("'2024-02-28'", "'2024-03-01'") }}) as days
)
select * from answers where answer <> expected or answer is null
