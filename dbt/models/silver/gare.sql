-- A station stands once on each of its lines; of its rows the one of the lowest line and section speaks for it.
select *
from (
    select
        code_uic,
        libelle as nom,
        commune,
        departemen as departement,
        fret as transporte_fret,
        voyageurs as transporte_voyageurs,
        cast(x_wgs84 as decimal(9, 6)) as longitude,
        cast(y_wgs84 as decimal(9, 6)) as latitude,
        count(*) over (partition by code_uic) as lignes,
        row_number() over (partition by code_uic order by code_ligne, rg_troncon, _row) as rang
    from {{ ref('slv_gares') }}
) as ranked
where rang = 1
