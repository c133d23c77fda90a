select
    "PatNum" as patient_id,
    nullif("Guarantor", 0) as guarantor_id,
    nullif("PriProv", 0) as primary_provider_id,
    nullif("ClinicNum", 0) as clinic_id,
    "LName" as last_name,
    "FName" as first_name,
    "PatStatus" as patient_status,
    -- OpenDental has no NULL dates: the first day of the year 1 stands for none
    nullif("Birthdate", '0001-01-01') as birth_date,
    nullif("DateFirstVisit", '0001-01-01') as first_visit_date,
    "DateTStamp" as updated_at,
    _loaded_at as loaded_at
from {{ source('opendental', 'patient') }}
