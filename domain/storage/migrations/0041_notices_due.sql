-- By which due date a notice was written: it is not sent once that has moved. Notices of before do not say.
alter table notices add column due_on date;
