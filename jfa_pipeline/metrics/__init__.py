"""How good labels are: detection, landmarks, attributes, each figure with its n and a 95 % interval."""
