-- An event that the triggers write.
UPDATE images SET tags = 'seen' WHERE id = x'01900000000070008000000000000041';
