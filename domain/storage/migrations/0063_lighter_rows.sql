-- Two tables of which every decided step writes rows. That a tenant exists follows from their other references: an event takes its
-- number from the tenant's stream, a notice names a receivable. Checking it once more for each row costs more than storing some rows,
-- and locks the tenant's row.
alter table events drop constraint events_tenant_id_fkey;
alter table notices drop constraint notices_tenant_id_fkey;
-- Texts of some kilobytes stay in their row: packing them took longer than all else that was done with it.
alter table events set (toast_tuple_target = 8160);
alter table notices set (toast_tuple_target = 8160);
