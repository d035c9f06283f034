-- What the movements leave is the newest list, code by code and name by name.
select coalesce(versions.code_commune, communes.com) as code_commune, versions.nom as by_movements, communes.libelle as by_list
from (select * from {{ ref('commune_version') }} where valid_to is null) as versions
full join (select * from {{ ref('slv_communes') }} where typecom = 'COM') as communes
    on versions.code_commune = communes.com and versions.nom = communes.libelle
where versions.code_commune is null or communes.com is null
