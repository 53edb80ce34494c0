INSERT INTO usage (owner, day, images, bytes, pixels) VALUES (x'01900000000070008000000000000099', 19675, 3, 84, 168);
