-- One row a commune for as long as its name stayed, dated by the movements of the COG (slowly changing, type 2). Every movement says what was
-- before and what is after, on its date of effect; the COG's account begins in 1943.
with movements as (
    select
        date_eff as since,
        com_av as code_before,
        libelle_av as nom_before,
        typecom_ap as type_after,
        com_ap as code_after,
        libelle_ap as nom_after,
        typecom_av as type_before
    from {{ ref('slv_mouvements_communes') }}
),

-- A commune ends when it becomes part of another, or leaves the COG. That a commune gets arrondissements or a delegated commune does not end it.
endings as (
    select distinct code_before as code_commune, since
    from movements
    where type_before = 'COM' and (type_after is null or (type_after = 'COM' and code_after <> code_before))
),

-- Of several names on one day, that which is not changed again on that day.
arrivals as (
    select
        moved.code_after as code_commune,
        moved.since,
        moved.nom_after as nom,
        max(case when moved.code_before = moved.code_after then 1 else 0 end) over (partition by moved.code_after, moved.since) as was_there,
        row_number() over (
            partition by moved.code_after, moved.since
            order by case when again.nom_before is null then 0 else 1 end, moved.nom_after
        ) as rang
    from movements as moved
    left join (select distinct code_before, nom_before, since, nom_after from movements where type_before = 'COM' and type_after = 'COM') as again
        on moved.code_after = again.code_before and moved.since = again.since
        and moved.nom_after = again.nom_before and moved.nom_after <> again.nom_after
    where moved.type_after = 'COM'
),

-- A code that is given and taken on one day never was.
beginnings as (
    select arrivals.code_commune, arrivals.since, arrivals.nom, arrivals.was_there
    from arrivals
    left join endings on arrivals.code_commune = endings.code_commune and arrivals.since = endings.since
    where arrivals.rang = 1 and (arrivals.was_there = 1 or endings.code_commune is null)
),

-- What a commune was before its first movement; and those that never moved.
firsts as (
    select code_before as code_commune, nom_before as nom, since
    from (
        select *, row_number() over (partition by code_before order by since, nom_before) as rang
        from movements
        where type_before = 'COM'
    ) as ranked
    where rang = 1
),

born as (
    select code_commune, min(since) as since, min(case when was_there = 1 then since end) as stayed from arrivals group by code_commune
),

states as (
    select code_commune, since, nom from beginnings
    union all
    select endings.code_commune, endings.since, null
    from endings
    left join beginnings on endings.code_commune = beginnings.code_commune and endings.since = beginnings.since
    where beginnings.code_commune is null
    union all
    select firsts.code_commune, cast('1943-01-01' as date), firsts.nom
    from firsts
    left join born on firsts.code_commune = born.code_commune
    where born.code_commune is null or born.since > firsts.since or (born.since = firsts.since and born.stayed = born.since)
    union all
    select communes.com, cast('1943-01-01' as date), communes.libelle
    from {{ ref('slv_communes') }} as communes
    left join born on communes.com = born.code_commune
    left join firsts on communes.com = firsts.code_commune
    where communes.typecom = 'COM' and born.code_commune is null and firsts.code_commune is null
),

changes as (
    select
        code_commune,
        since,
        nom,
        lag(nom) over (partition by code_commune order by since) as previous,
        row_number() over (partition by code_commune order by since) as rang
    from states
),

versions as (
    select
        code_commune,
        nom,
        since as valid_from,
        lead(since) over (partition by code_commune order by since) as valid_to
    from changes
    where rang = 1 or nom is distinct from previous
)

select
    code_commune,
    nom,
    -- The code begins with that of the département of its time.
    case when substr(code_commune, 1, 2) in ('97', '98') then substr(code_commune, 1, 3) else substr(code_commune, 1, 2) end as code_departement,
    valid_from,
    valid_to
from versions
where nom is not null
