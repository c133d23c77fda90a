/*!40101 SET @OLD_CHARACTER_SET_CLIENT=@@CHARACTER_SET_CLIENT */;
/*!40101 SET @OLD_CHARACTER_SET_RESULTS=@@CHARACTER_SET_RESULTS */;
/*!40101 SET @OLD_COLLATION_CONNECTION=@@COLLATION_CONNECTION */;
/*!40101 SET NAMES utf8mb4 */;
/*!40103 SET @OLD_TIME_ZONE=@@TIME_ZONE */;
/*!40103 SET TIME_ZONE='+00:00' */;
/*!40014 SET @OLD_UNIQUE_CHECKS=@@UNIQUE_CHECKS, UNIQUE_CHECKS=0 */;
/*!40014 SET @OLD_FOREIGN_KEY_CHECKS=@@FOREIGN_KEY_CHECKS, FOREIGN_KEY_CHECKS=0 */;
/*!40101 SET @OLD_SQL_MODE=@@SQL_MODE, SQL_MODE='NO_AUTO_VALUE_ON_ZERO' */;
/*!40111 SET @OLD_SQL_NOTES=@@SQL_NOTES, SQL_NOTES=0 */;
DROP TABLE IF EXISTS `appointment`;
/*!40101 SET @saved_cs_client     = @@character_set_client */;
/*!40101 SET character_set_client = utf8mb4 */;
CREATE TABLE `appointment` (
  `AptNum` bigint(20) NOT NULL,
  `AptStatus` enum('set','done') NOT NULL,
  `Note` text DEFAULT NULL,
  `DateTStamp` timestamp NOT NULL DEFAULT current_timestamp() ON UPDATE current_timestamp(),
  PRIMARY KEY (`AptNum`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb3 COLLATE=utf8mb3_general_ci;
/*!40101 SET character_set_client = @saved_cs_client */;
INSERT INTO `appointment` VALUES (1,'done','é','2020-01-01 01:00:00');
INSERT INTO `appointment` VALUES (2,'set','éé','2020-01-01 02:00:00');
INSERT INTO `appointment` VALUES (3,'done',NULL,'2020-01-01 03:00:00');
INSERT INTO `appointment` VALUES (4,'set','moved','2020-02-02 00:00:00');
INSERT INTO `appointment` VALUES (5,'done','ééééé','2020-01-01 05:00:00');
INSERT INTO `appointment` VALUES (6,'set',NULL,'2020-01-01 06:00:00');
INSERT INTO `appointment` VALUES (7,'done','ééééééé','2020-01-01 07:00:00');
INSERT INTO `appointment` VALUES (8,'set','éééééééé','2020-01-01 08:00:00');
INSERT INTO `appointment` VALUES (9,'done',NULL,'2020-01-01 09:00:00');
INSERT INTO `appointment` VALUES (10,'set','éééééééééé','2020-01-01 10:00:00');
INSERT INTO `appointment` VALUES (11,'done','ééééééééééé','2020-01-01 11:00:00');
INSERT INTO `appointment` VALUES (12,'set',NULL,'2020-01-01 12:00:00');
INSERT INTO `appointment` VALUES (13,'done','ééééééééééééé','2020-01-01 13:00:00');
INSERT INTO `appointment` VALUES (14,'set','éééééééééééééé','2020-01-01 14:00:00');
INSERT INTO `appointment` VALUES (15,'done',NULL,'2020-01-01 15:00:00');
DROP TABLE IF EXISTS `claim`;
/*!40101 SET @saved_cs_client     = @@character_set_client */;
/*!40101 SET character_set_client = utf8mb4 */;
CREATE TABLE `claim` (
  `ClaimNum` bigint(20) NOT NULL,
  `Fee` double NOT NULL,
  `DateService` date NOT NULL,
  `SecEdit` datetime NOT NULL,
  `DateTStamp` timestamp NOT NULL DEFAULT current_timestamp() ON UPDATE current_timestamp(),
  PRIMARY KEY (`ClaimNum`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb3 COLLATE=utf8mb3_general_ci;
/*!40101 SET character_set_client = @saved_cs_client */;
INSERT INTO `claim` VALUES (1,0.1,'2019-01-01','2020-01-02 00:00:00','2020-01-01 00:00:00');
INSERT INTO `claim` VALUES (2,0.2,'2019-01-01','2020-01-02 00:00:00','2020-01-01 00:00:00');
INSERT INTO `claim` VALUES (3,0.3,'2019-01-01','2020-01-02 00:00:00','2020-01-01 00:00:00');
INSERT INTO `claim` VALUES (4,0.4,'2019-01-01','2020-01-02 00:00:00','2020-01-01 00:00:00');
INSERT INTO `claim` VALUES (5,7,'2019-01-01','2020-02-02 00:00:00','2020-01-01 00:00:00');
INSERT INTO `claim` VALUES (6,0.6,'2019-01-01','2020-01-02 00:00:00','2020-01-01 00:00:00');
INSERT INTO `claim` VALUES (7,0.7,'2019-01-01','2020-01-02 00:00:00','2020-01-01 00:00:00');
INSERT INTO `claim` VALUES (8,0.8,'2019-01-01','2020-01-02 00:00:00','2020-01-01 00:00:00');
DROP TABLE IF EXISTS `definition`;
/*!40101 SET @saved_cs_client     = @@character_set_client */;
/*!40101 SET character_set_client = utf8mb4 */;
CREATE TABLE `definition` (
  `DefNum` int(11) NOT NULL,
  `ItemName` varchar(50) NOT NULL,
  PRIMARY KEY (`DefNum`)
) ENGINE=MyISAM DEFAULT CHARSET=utf8mb3 COLLATE=utf8mb3_general_ci;
/*!40101 SET character_set_client = @saved_cs_client */;
INSERT INTO `definition` VALUES (1,'item 1');
INSERT INTO `definition` VALUES (2,'item 2');
INSERT INTO `definition` VALUES (3,'item 3');
INSERT INTO `definition` VALUES (4,'item 4');
INSERT INTO `definition` VALUES (5,'item 5');
INSERT INTO `definition` VALUES (6,'item 6');
DROP TABLE IF EXISTS `document`;
/*!40101 SET @saved_cs_client     = @@character_set_client */;
/*!40101 SET character_set_client = utf8mb4 */;
CREATE TABLE `document` (
  `DocNum` bigint(20) NOT NULL,
  `FileName` varchar(50) NOT NULL,
  `DateTStamp` timestamp NOT NULL DEFAULT current_timestamp() ON UPDATE current_timestamp(),
  PRIMARY KEY (`DocNum`)
) ENGINE=MyISAM DEFAULT CHARSET=utf8mb3 COLLATE=utf8mb3_general_ci;
/*!40101 SET character_set_client = @saved_cs_client */;
INSERT INTO `document` VALUES (1,'1.pdf','2020-01-01 00:00:00');
INSERT INTO `document` VALUES (4,'4.pdf','2020-01-01 00:00:00');
INSERT INTO `document` VALUES (5,'5.pdf','2020-01-01 00:00:00');
INSERT INTO `document` VALUES (6,'6.pdf','2020-01-01 00:00:00');
INSERT INTO `document` VALUES (7,'7.pdf','2020-01-01 00:00:00');
INSERT INTO `document` VALUES (8,'8.pdf','2020-01-01 00:00:00');
DROP TABLE IF EXISTS `fee`;
/*!40101 SET @saved_cs_client     = @@character_set_client */;
/*!40101 SET character_set_client = utf8mb4 */;
CREATE TABLE `fee` (
  `FeeNum` bigint(20) NOT NULL,
  `Amount` decimal(12,3) DEFAULT NULL,
  `Memo` text DEFAULT NULL,
  PRIMARY KEY (`FeeNum`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb3 COLLATE=utf8mb3_general_ci;
/*!40101 SET character_set_client = @saved_cs_client */;
INSERT INTO `fee` VALUES (1,0.125,'');
INSERT INTO `fee` VALUES (2,0.250,NULL);
INSERT INTO `fee` VALUES (3,0.375,'');
INSERT INTO `fee` VALUES (4,0.500,NULL);
INSERT INTO `fee` VALUES (5,0.625,'');
INSERT INTO `fee` VALUES (6,0.750,NULL);
INSERT INTO `fee` VALUES (7,0.875,'');
INSERT INTO `fee` VALUES (8,1.000,NULL);
INSERT INTO `fee` VALUES (10,99.000,NULL);
INSERT INTO `fee` VALUES (11,1.375,'');
INSERT INTO `fee` VALUES (12,1.500,NULL);
INSERT INTO `fee` VALUES (13,1.625,'');
INSERT INTO `fee` VALUES (14,1.750,NULL);
INSERT INTO `fee` VALUES (15,1.875,'');
INSERT INTO `fee` VALUES (16,2.000,NULL);
INSERT INTO `fee` VALUES (17,2.125,'');
INSERT INTO `fee` VALUES (18,2.250,NULL);
INSERT INTO `fee` VALUES (19,2.375,'');
INSERT INTO `fee` VALUES (20,2.500,NULL);
INSERT INTO `fee` VALUES (21,2.625,'');
INSERT INTO `fee` VALUES (22,2.750,NULL);
INSERT INTO `fee` VALUES (23,2.875,'');
INSERT INTO `fee` VALUES (24,3.000,NULL);
INSERT INTO `fee` VALUES (25,3.125,'');
INSERT INTO `fee` VALUES (26,3.250,NULL);
INSERT INTO `fee` VALUES (27,3.375,'');
INSERT INTO `fee` VALUES (28,3.500,NULL);
INSERT INTO `fee` VALUES (29,3.625,'');
INSERT INTO `fee` VALUES (30,3.750,NULL);
INSERT INTO `fee` VALUES (31,3.875,'');
INSERT INTO `fee` VALUES (32,4.000,NULL);
INSERT INTO `fee` VALUES (33,4.125,'');
INSERT INTO `fee` VALUES (34,4.250,NULL);
INSERT INTO `fee` VALUES (35,4.375,'');
INSERT INTO `fee` VALUES (36,4.500,NULL);
INSERT INTO `fee` VALUES (37,4.625,'');
INSERT INTO `fee` VALUES (38,4.750,NULL);
INSERT INTO `fee` VALUES (39,4.875,'');
INSERT INTO `fee` VALUES (40,5.000,NULL);
DROP TABLE IF EXISTS `patient`;
/*!40101 SET @saved_cs_client     = @@character_set_client */;
/*!40101 SET character_set_client = utf8mb4 */;
CREATE TABLE `patient` (
  `PatNum` bigint(20) NOT NULL AUTO_INCREMENT,
  `LName` varchar(100) NOT NULL DEFAULT '',
  `Birthdate` date NOT NULL DEFAULT '0001-01-01',
  `Photo` blob DEFAULT NULL,
  `DateTStamp` timestamp NOT NULL DEFAULT current_timestamp() ON UPDATE current_timestamp(),
  PRIMARY KEY (`PatNum`)
) ENGINE=MyISAM AUTO_INCREMENT=27 DEFAULT CHARSET=utf8mb3 COLLATE=utf8mb3_general_ci;
/*!40101 SET character_set_client = @saved_cs_client */;
INSERT INTO `patient` VALUES (1,'Name1','1980-02-04',0xC4CA4238A0B923820DCC509A6F75849B,'2020-01-01 01:00:00');
INSERT INTO `patient` VALUES (2,'Ng','1980-02-05',0xC81E728D9D4C2F636F067F89CC14862C,'2020-02-02 00:00:00');
INSERT INTO `patient` VALUES (3,'Name3','0000-00-00',0xECCBC87E4B5CE2FE28308FD9F2A7BAF3,'2020-01-01 00:00:00');
INSERT INTO `patient` VALUES (4,'Name4','1980-02-07',0xA87FF679A2F3E71D9181A67B7542122C,'2020-01-01 04:00:00');
INSERT INTO `patient` VALUES (5,'Name5','1980-02-08',0xE4DA3B7FBBCE2345D7772B0674A318D5,'2020-01-01 05:00:00');
INSERT INTO `patient` VALUES (6,'Name6','1980-02-09',0x1679091C5A880FAF6FB5E6087EB1B2DC,'2020-01-01 06:00:00');
INSERT INTO `patient` VALUES (8,'Name8','1980-02-11',0xC9F0F895FB98AB9159F51FD0297E236D,'2020-01-01 08:00:00');
INSERT INTO `patient` VALUES (9,'Name9','1980-02-12',0x45C48CCE2E2D7FBDEA1AFC51C7C6AD26,'2020-01-01 09:00:00');
INSERT INTO `patient` VALUES (10,'Name10','1980-02-13',0xD3D9446802A44259755D38E6D163E820,'2020-01-01 10:00:00');
INSERT INTO `patient` VALUES (11,'Name11','1980-02-14',0x6512BD43D9CAA6E02C990B0A82652DCA,'2020-01-01 11:00:00');
INSERT INTO `patient` VALUES (12,'Name12','1980-02-15',0xC20AD4D76FE97759AA27A0C99BFF6710,'2020-01-01 12:00:00');
INSERT INTO `patient` VALUES (13,'Name13','1980-02-16',0xC51CE410C124A10E0DB5E4B97FC2AF39,'2020-01-01 13:00:00');
INSERT INTO `patient` VALUES (14,'Name14','1980-02-17',0xAAB3238922BCC25A6F606EB525FFDC56,'2020-01-01 14:00:00');
INSERT INTO `patient` VALUES (15,'Name15','1980-02-18',0x9BF31C7FF062936A96D3C8BD1F8F2FF3,'2020-01-01 15:00:00');
INSERT INTO `patient` VALUES (16,'Name16','1980-02-19',0xC74D97B01EAE257E44AA9D5BADE97BAF,'2020-01-01 16:00:00');
INSERT INTO `patient` VALUES (17,'Name17','1980-02-20',0x70EFDF2EC9B086079795C442636B55FB,'2020-01-01 17:00:00');
INSERT INTO `patient` VALUES (18,'Name18','1980-02-21',0x6F4922F45568161A8CDF4AD2299F6D23,'2020-01-01 18:00:00');
INSERT INTO `patient` VALUES (19,'Name19','1980-02-22',0x1F0E3DAD99908345F7439F8FFABDFFC4,'2020-01-01 19:00:00');
INSERT INTO `patient` VALUES (20,'Name20','1980-02-23',0x98F13708210194C475687BE6106A3B84,'2020-01-01 20:00:00');
INSERT INTO `patient` VALUES (21,'Name21','1980-02-24',0x3C59DC048E8850243BE8079A5C74D079,'2020-01-01 21:00:00');
INSERT INTO `patient` VALUES (22,'Name22','1980-02-25',0xB6D767D2F8ED5D21A44B0E5886680CB9,'2020-01-01 22:00:00');
INSERT INTO `patient` VALUES (23,'Name23','1980-02-26',0x37693CFC748049E45D87B8C7D8B9AACD,'2020-01-01 23:00:00');
INSERT INTO `patient` VALUES (24,'Name24','1980-02-27',0x1FF1DE774005F8DA13F42943881C655F,'2020-01-02 00:00:00');
INSERT INTO `patient` VALUES (25,'Name25','1980-02-28',0x8E296A067A37563370DED05F5A3BF3EC,'2020-01-02 01:00:00');
INSERT INTO `patient` VALUES (26,'New','0001-01-01',NULL,'2020-02-03 00:00:00');
DROP TABLE IF EXISTS `preference`;
/*!40101 SET @saved_cs_client     = @@character_set_client */;
/*!40101 SET character_set_client = utf8mb4 */;
CREATE TABLE `preference` (
  `PrefName` varchar(50) NOT NULL,
  `ValueString` text DEFAULT NULL,
  PRIMARY KEY (`PrefName`)
) ENGINE=MyISAM DEFAULT CHARSET=utf8mb3 COLLATE=utf8mb3_general_ci;
/*!40101 SET character_set_client = @saved_cs_client */;
INSERT INTO `preference` VALUES ('UpdateInProgressOnComputerName','');
INSERT INTO `preference` VALUES ('Language','fr');
INSERT INTO `preference` VALUES ('ClinicName','Zähne');
DROP TABLE IF EXISTS `queue`;
/*!40101 SET @saved_cs_client     = @@character_set_client */;
/*!40101 SET character_set_client = utf8mb4 */;
CREATE TABLE `queue` (
  `Message` varchar(50) DEFAULT NULL,
  `Tries` int(11) DEFAULT NULL
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb3 COLLATE=utf8mb3_general_ci;
/*!40101 SET character_set_client = @saved_cs_client */;
INSERT INTO `queue` VALUES ('first',0);
INSERT INTO `queue` VALUES ('first',0);
DROP TABLE IF EXISTS `rate`;
/*!40101 SET @saved_cs_client     = @@character_set_client */;
/*!40101 SET character_set_client = utf8mb4 */;
CREATE TABLE `rate` (
  `RateNum` bigint(20) NOT NULL,
  `Amount` double DEFAULT NULL,
  PRIMARY KEY (`RateNum`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb3 COLLATE=utf8mb3_general_ci;
/*!40101 SET character_set_client = @saved_cs_client */;
INSERT INTO `rate` VALUES (1,1);
INSERT INTO `rate` VALUES (2,0.5);
INSERT INTO `rate` VALUES (3,0.333333333);
INSERT INTO `rate` VALUES (4,0.25);
INSERT INTO `rate` VALUES (5,0.2);
INSERT INTO `rate` VALUES (6,0.166666666);
INSERT INTO `rate` VALUES (7,0.142857142);
INSERT INTO `rate` VALUES (8,0.125);
INSERT INTO `rate` VALUES (9,0.111111111);
INSERT INTO `rate` VALUES (10,0.1);
INSERT INTO `rate` VALUES (11,0.09090909);
INSERT INTO `rate` VALUES (12,0.083333333);
DROP TABLE IF EXISTS `securitylog`;
/*!40101 SET @saved_cs_client     = @@character_set_client */;
/*!40101 SET character_set_client = utf8mb4 */;
CREATE TABLE `securitylog` (
  `LogNum` bigint(20) NOT NULL,
  `LogText` varchar(50) NOT NULL,
  `DateTStamp` timestamp NOT NULL DEFAULT current_timestamp() ON UPDATE current_timestamp(),
  `CompNum` int(11) NOT NULL DEFAULT 1,
  PRIMARY KEY (`LogNum`)
) ENGINE=MyISAM DEFAULT CHARSET=utf8mb3 COLLATE=utf8mb3_general_ci;
/*!40101 SET character_set_client = @saved_cs_client */;
INSERT INTO `securitylog` VALUES (1,'in','2020-01-01 00:00:00',1);
INSERT INTO `securitylog` VALUES (2,'in','2020-01-01 00:00:00',1);
INSERT INTO `securitylog` VALUES (3,'in','2020-01-01 00:00:00',1);
INSERT INTO `securitylog` VALUES (4,'in','2020-01-01 00:00:00',1);
INSERT INTO `securitylog` VALUES (5,'in','2020-01-01 00:00:00',1);
INSERT INTO `securitylog` VALUES (6,'later','2020-02-02 00:00:00',6);
INSERT INTO `securitylog` VALUES (7,'later','2020-02-02 00:00:00',7);
INSERT INTO `securitylog` VALUES (8,'later','2020-02-02 00:00:00',8);
INSERT INTO `securitylog` VALUES (9,'later','2020-02-02 00:00:00',9);
INSERT INTO `securitylog` VALUES (10,'later','2020-02-02 00:00:00',10);
INSERT INTO `securitylog` VALUES (11,'later','2020-02-02 00:00:00',11);
INSERT INTO `securitylog` VALUES (12,'later','2020-02-02 00:00:00',12);
INSERT INTO `securitylog` VALUES (13,'later','2020-02-02 00:00:00',13);
INSERT INTO `securitylog` VALUES (14,'later','2020-02-02 00:00:00',14);
INSERT INTO `securitylog` VALUES (15,'later','2020-02-02 00:00:00',15);
INSERT INTO `securitylog` VALUES (16,'later','2020-02-02 00:00:00',16);
INSERT INTO `securitylog` VALUES (17,'later','2020-02-02 00:00:00',17);
INSERT INTO `securitylog` VALUES (18,'later','2020-02-02 00:00:00',18);
INSERT INTO `securitylog` VALUES (19,'later','2020-02-02 00:00:00',19);
INSERT INTO `securitylog` VALUES (20,'later','2020-02-02 00:00:00',20);
INSERT INTO `securitylog` VALUES (21,'later','2020-02-02 00:00:00',21);
INSERT INTO `securitylog` VALUES (22,'later','2020-02-02 00:00:00',22);
INSERT INTO `securitylog` VALUES (23,'later','2020-02-02 00:00:00',23);
INSERT INTO `securitylog` VALUES (24,'later','2020-02-02 00:00:00',24);
INSERT INTO `securitylog` VALUES (25,'later','2020-02-02 00:00:00',25);
INSERT INTO `securitylog` VALUES (26,'later','2020-02-02 00:00:00',26);
INSERT INTO `securitylog` VALUES (27,'later','2020-02-02 00:00:00',27);
INSERT INTO `securitylog` VALUES (28,'later','2020-02-02 00:00:00',28);
INSERT INTO `securitylog` VALUES (29,'later','2020-02-02 00:00:00',29);
INSERT INTO `securitylog` VALUES (30,'later','2020-02-02 00:00:00',30);
INSERT INTO `securitylog` VALUES (31,'later','2020-02-02 00:00:00',31);
INSERT INTO `securitylog` VALUES (32,'later','2020-02-02 00:00:00',32);
INSERT INTO `securitylog` VALUES (33,'later','2020-02-02 00:00:00',33);
INSERT INTO `securitylog` VALUES (34,'later','2020-02-02 00:00:00',34);
INSERT INTO `securitylog` VALUES (35,'later','2020-02-02 00:00:00',35);
INSERT INTO `securitylog` VALUES (36,'later','2020-02-02 00:00:00',36);
INSERT INTO `securitylog` VALUES (37,'later','2020-02-02 00:00:00',37);
INSERT INTO `securitylog` VALUES (38,'later','2020-02-02 00:00:00',38);
INSERT INTO `securitylog` VALUES (39,'later','2020-02-02 00:00:00',39);
INSERT INTO `securitylog` VALUES (40,'later','2020-02-02 00:00:00',40);
DROP TABLE IF EXISTS `tooth`;
/*!40101 SET @saved_cs_client     = @@character_set_client */;
/*!40101 SET character_set_client = utf8mb4 */;
CREATE TABLE `tooth` (
  `PatNum` int(11) NOT NULL,
  `Tooth` int(11) NOT NULL,
  `Note` varchar(20) DEFAULT NULL,
  PRIMARY KEY (`PatNum`,`Tooth`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb3 COLLATE=utf8mb3_general_ci;
/*!40101 SET character_set_client = @saved_cs_client */;
INSERT INTO `tooth` VALUES (1,6,'');
INSERT INTO `tooth` VALUES (1,9,'');
INSERT INTO `tooth` VALUES (2,1,'');
INSERT INTO `tooth` VALUES (2,4,'');
INSERT INTO `tooth` VALUES (2,7,'');
INSERT INTO `tooth` VALUES (3,2,'');
INSERT INTO `tooth` VALUES (3,5,'');
INSERT INTO `tooth` VALUES (3,8,'');
DROP TABLE IF EXISTS `userod`;
/*!40101 SET @saved_cs_client     = @@character_set_client */;
/*!40101 SET character_set_client = utf8mb4 */;
CREATE TABLE `userod` (
  `UserNum` bigint(20) NOT NULL,
  `UserName` varchar(50) NOT NULL,
  `Password` varchar(50) NOT NULL,
  `SSN` varchar(11) NOT NULL,
  PRIMARY KEY (`UserNum`)
) ENGINE=MyISAM DEFAULT CHARSET=utf8mb3 COLLATE=utf8mb3_general_ci;
/*!40101 SET character_set_client = @saved_cs_client */;
INSERT INTO `userod` VALUES (1,'user1','secret','111111111');
INSERT INTO `userod` VALUES (2,'user2','secret','111111112');
INSERT INTO `userod` VALUES (3,'user3','secret','111111113');
INSERT INTO `userod` VALUES (4,'user4','secret','111111114');
DROP TABLE IF EXISTS `zipcode`;
/*!40101 SET @saved_cs_client     = @@character_set_client */;
/*!40101 SET character_set_client = utf8mb4 */;
CREATE TABLE `zipcode` (
  `Code` varchar(10) DEFAULT NULL,
  `City` varchar(50) DEFAULT NULL
) ENGINE=MyISAM DEFAULT CHARSET=utf8mb3 COLLATE=utf8mb3_general_ci;
/*!40101 SET character_set_client = @saved_cs_client */;
INSERT INTO `zipcode` VALUES ('12345','Ulm');
INSERT INTO `zipcode` VALUES ('12345','Ulm');
INSERT INTO `zipcode` VALUES (NULL,'');
/*!40103 SET TIME_ZONE=@OLD_TIME_ZONE */;
/*!40101 SET SQL_MODE=@OLD_SQL_MODE */;
/*!40014 SET FOREIGN_KEY_CHECKS=@OLD_FOREIGN_KEY_CHECKS */;
/*!40014 SET UNIQUE_CHECKS=@OLD_UNIQUE_CHECKS */;
/*!40101 SET CHARACTER_SET_CLIENT=@OLD_CHARACTER_SET_CLIENT */;
/*!40101 SET CHARACTER_SET_RESULTS=@OLD_CHARACTER_SET_RESULTS */;
/*!40101 SET COLLATION_CONNECTION=@OLD_COLLATION_CONNECTION */;
/*!40111 SET SQL_NOTES=@OLD_SQL_NOTES */;
